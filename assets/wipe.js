// The line between before and after follows the slider that lies over both.
element.addEventListener("input", ({ target }) => target.closest(".pb-wipe")?.style.setProperty("--at", `${target.value}%`));
