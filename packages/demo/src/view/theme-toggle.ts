import { element, setAttribute } from './element.ts';
import { type IconName, setIcon } from './icon.ts';

const themes = ['auto', 'light', 'dark'] as const;

type Theme = (typeof themes)[number];

const STORED = 'roomkey-demo-theme';

/** A button that goes from the system's theme to light to dark and round again. The browser remembers. */
export function themeToggle(): HTMLButtonElement {
  const face = element('span');
  const button = element('button', { type: 'button', class: 'quiet-button' }, face);
  let theme = stored();
  const show = () => {
    setAttribute(document.documentElement, 'data-theme', theme === 'auto' ? undefined : theme);
    setIcon(face, theme satisfies IconName);
    setAttribute(button, 'aria-label', `Theme: ${theme}`);
    setAttribute(button, 'title', `Theme: ${theme}`);
  };
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] as Theme;
    store(theme);
    show();
  });
  show();
  return button;
}

// A browser that keeps nothing throws; the theme then lasts as long as the page.
function stored(): Theme {
  try {
    const found = localStorage.getItem(STORED);
    return themes.find((theme) => theme === found) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(STORED, theme);
  } catch {}
}
