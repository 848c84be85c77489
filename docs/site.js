// Prepares tables for site.css: each cell gets the name of its column, and short code a class.
for (const cell of document.querySelectorAll(".md-typeset td")) {
  const header = cell.closest("table").rows[0].cells[cell.cellIndex];
  cell.dataset.column = header ? header.textContent : "";
}
for (const code of document.querySelectorAll(".md-typeset td code")) {
  code.classList.toggle("short", code.textContent.length <= 36 && !/\s/.test(code.textContent));
}
