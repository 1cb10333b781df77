// Start reveal.js.
Reveal.initialize({
  width: 1280, height: 720, margin: 0.03, center: false, hash: true,
  slideNumber: "c/t", transition: "none", pdfSeparateFragments: false,
});
// A slide that is too full is set smaller, down to what can be read; then it scrolls.
function fit(slide) {
  for (let size = 100; size >= 65; size -= 5) {
    slide.style.fontSize = `${size}%`;
    if (slide.scrollHeight <= slide.clientHeight + 1) break;
  }
}
Reveal.on("ready", ({ currentSlide }) => fit(currentSlide));
Reveal.on("slidechanged", ({ currentSlide }) => fit(currentSlide));
Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fit));
