"""Sentences of many languages, with the signs that each is written with."""

import unicodedata

# Of each language texts, and one of the same signs that none of them is.
LANGUAGES = {
    "English": (
        ["“Don’t go,” she said. “It’s late…”", "The cat’s asleep."],
        "“It’s hers,” he said.",
    ),
    "French": (
        ["J’ai l’heure.", "« C’est toi ? »", "Un chat !"],
        "« L’heure ! »",
    ),
    "French, narrow spaces": (
        ["Où es-tu\u202f?", "«\u00a0Ici\u00a0!\u00a0»"],
        "«\u00a0Où\u202f?\u00a0»",
    ),
    "French, decomposed": (
        [unicodedata.normalize("NFD", "Déjà l’été."), "ok."],
        unicodedata.normalize("NFD", "été."),
    ),
    "Spanish": (
        ["¿Qué hora es?", "¡Vamos, que es tarde!"],
        "¡Es tarde, Ana!",
    ),
    "German": (
        ["„Wie geht’s?“, sagt sie.", "Ein „Test“ – oder?"],
        "„Gut“ – sagt er.",
    ),
    "Portuguese": (
        ["“Não”, disse… e saiu.", "Guarda-chuva, sim."],
        "Disse “sim” e…",
    ),
    "Italian": (
        ["L’amico dell’uomo.", "C’è un po’ di vino."],
        "L’uomo c’è.",
    ),
    "Polish": (
        ["„Dokąd?” – zapytał.", "Nie wiem, czemu."],
        "„Czemu?” – wiem.",
    ),
    "Russian": (
        ["«Привет», — сказал он.", "Где ты?"],
        "«Где», — он.",
    ),
    "Ukrainian": (
        ["П’ять об’єктів.", "Де ти?"],
        "П’ять, де?",
    ),
    "Greek": (
        ["Πού είναι το σπίτι σου;", "Καλημέρα, Γιώργο!"],
        "Πού, Γιώργο;",
    ),
    "Turkish": (
        ["İstanbul’a git.", "Nasılsın, iyi misin?"],
        "İyi misin?",
    ),
    "Arabic": (
        ["مرحبا، كيف حالك؟", "نعم، هل رأيت البيت؟"],
        "كيف البيت؟",
    ),
    "Hebrew": (
        ["שלום, מה שלומך?", 'צה"ל הודיע.'],
        "מה הודיע?",
    ),
    "Persian": (
        ["می\u200cخواهم بروم.", "کتاب\u200cها کجا هستند؟"],
        "کتاب\u200cها بروم.",
    ),
    "Urdu": (
        ["آپ کیسے ہیں؟", "جی ہاں، شکریہ۔"],
        "آپ، شکریہ۔",
    ),
    "Hindi": (
        ["मैं बाज़ार जा रहा हूँ।", "वह ब\u095cा घर है।"],
        "ब\u095cा बाज़ार है।",
    ),
    "Chinese": (
        ["他说：“我们明天去。”", "我有3本书。", "谢谢你，我很好。"],
        "他说：“我很好。”",
    ),
    "Japanese": (
        ["「はい」と彼は言った。", "どこへ行きますか。"],
        "「どこ」と言った。",
    ),
    "Korean": (
        ["오늘 어디에 가요?", "네, 집에 갈 거예요."],
        "네, 오늘 가요?",
    ),
    "Thai": (
        ["ฉันกินข้าว และดื่มน้ำ", "เขาพูดว่า “ไม่”"],
        "ฉันกินข้าว “ไม่”",
    ),
    "Vietnamese": (
        ["Hôm nay bạn đi đâu?", "Được rồi!"],
        "Bạn đi đâu?",
    ),
    "Amharic": (
        ["ሰላም፣ እንዴት ነህ?", "ደህና ነኝ።"],
        "ሰላም፣ ደህና?",
    ),
    "English, cut already": (
        ["a man , a dog .", "he does n't ( yet ) ."],
        "a dog ( a man ) .",
    ),
}
