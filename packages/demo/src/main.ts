import { Page } from './page.ts';
import { themeToggle } from './view/theme-toggle.ts';

document.getElementById('top-end')?.append(themeToggle());
const place = document.getElementById('page');
const announcer = document.getElementById('announcer');
if (place && announcer) new Page(place, announcer);
