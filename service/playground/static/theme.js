// Light, dark, or as the system says: chosen before anything is drawn, and remembered.

const STORED = "slotwise-theme";

/** Storage may be closed to a page; then the choice lasts as long as the page. */
function remembered() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem(STORED, theme);
  } catch {
    // nothing is lost but the memory of it
  }
}

const theme = remembered() ?? "auto";
document.documentElement.dataset.theme = theme;

/** Show the choice in a group of radio buttons, and follow them. */
export function followTheme(form) {
  for (const radio of form.querySelectorAll("input[name=theme]")) {
    radio.checked = radio.value === theme;
    radio.addEventListener("change", () => {
      document.documentElement.dataset.theme = radio.value;
      remember(radio.value);
    });
  }
}
