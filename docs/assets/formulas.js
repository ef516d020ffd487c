// Sets what the pages mark as formulas, by KaTeX, which lies beside this file.
document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".arithmatex")) {
    const text = place.textContent.trim();
    katex.render(text.slice(2, -2), place, {
      displayMode: text.startsWith("\\["),
      throwOnError: false,
    });
  }
});
