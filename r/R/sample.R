#' Texts, series and word vectors to try things on
#'
#' They come with textseq in Python; origins and licences are in the README of its data folder.
#'
#' Texts:
#' * `"mr"`: 10,662 sentences of film reviews, `pos` or `neg`
#' * `"names18"`: 20,050 surnames in 18 languages, for models of characters
#' * `"sms_spam"`: 5,574 text messages, `ham` or `spam`
#' * `"subj"`: 10,000 sentences about films, `subjective` or `objective`
#' * `"tinyshakespeare"`: 40,000 lines of Shakespeare's plays, one string
#' * `"dom_casmurro"`: Machado de Assis' novel, in Portuguese, one string
#' * `"eng_fra"`: 5,000 short sentences in English and French
#' * `"lener_br"`: 1,795 sentences of Brazilian courts and laws, with the names in them tagged
#' * `"glove.6B.50d.top20k"`: word vectors of 50 numbers of the 20,000 commonest words
#'
#' Series:
#' * `"airpassengers"`: thousands of air passengers in each of 144 months
#' * `"sunspots"`: mean sunspot numbers of 2,820 months
#' * `"etth1"`: the load and the oil temperature of a transformer in 17,420 hours
#' * `"japanese_vowels"`: 640 utterances of nine speakers, 7 to 29 steps of 12 channels
#' * `"spoken_digits"`: 360 recordings of English digits by six people, 8,000 samples a second in
#'   the list column `wave`; those of `recording` 0 and 1 are of the official test
#' @param name One of `textseq_samples()`.
#' @return `textseq_sample()`: a tibble, in the order of its source (shuffle before a split);
#'   a string; word vectors as [word_vectors()] returns them; or, of `"japanese_vowels"`, a list of
#'   `x` and `x_test`, lists of matrices (channels, steps), and of `y` and `y_test`, the speakers;
#'   likewise of `"lener_br"`, lists of words and of their tags.
#'   `textseq_samples()`: the names.
#' @references Box and Jenkins (1976), "Time Series Analysis: Forecasting and Control", series G.
#'   Pang and Lee (2004, 2005), ACL. Almeida et al. (2011), DocEng. Pennington et al. (2014), EMNLP.
#'   Zhou et al. (2021), AAAI. Kudo et al. (1999), Pattern Recognition Letters 20. Luz de Araujo et
#'   al. (2018), PROPOR. Jackson et al. (2018), Free Spoken Digit Dataset.
#' @examplesIf textseq_available()
#' textseq_sample("sms_spam")
#' textseq_sample("airpassengers")
#' @export
textseq_sample <- function(name) {
  if (startsWith(name, "glove.") && name %in% textseq_samples()) {
    return(word_vectors(name))
  }
  py_call("sample", asked = name)
}

#' @rdname textseq_sample
#' @export
textseq_samples <- function() py_call("sample_names")
