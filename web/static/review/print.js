// The print view: its one button.

document.querySelector("[data-print]").addEventListener("click", () => window.print());
