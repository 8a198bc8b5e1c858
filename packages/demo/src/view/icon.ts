const slash = 'M4 4l16 16';
const microphone =
  'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z M5.5 11a6.5 6.5 0 0 0 13 0 M12 17.5V21';
const camera =
  'M5.5 6.5h7a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 3 15V9a2.5 2.5 0 0 1 2.5-2.5z M15 10.8l6-3.3v9l-6-3.3';
const screen =
  'M5 4.5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2z M8.5 20.5h7 M12 16.5v4';
const speaker = 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z';

/** Strokes on a field of 24 by 24. */
const strokes = {
  microphone,
  microphoneOff: `${microphone} ${slash}`,
  camera,
  cameraOff: `${camera} ${slash}`,
  screen: `${screen} M12 13.5v-6 M9.5 9.5L12 7l2.5 2.5`,
  screenOff: `${screen} ${slash}`,
  speaker: `${speaker} M15.5 9a4.2 4.2 0 0 1 0 6 M18.2 6.5a7.8 7.8 0 0 1 0 11`,
  speakerOff: `${speaker} M15.5 9.5l5 5 M20.5 9.5l-5 5`,
  leave: 'M13.5 4H18a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4.5 M9 8l-4 4 4 4 M5 12h10',
  key: 'M7.8 11.7a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 0 1 0-8.6z M11 13 19.5 4.5 M15.8 8.2l3.4 3.4 M12.9 11.1l2 2',
  check: 'M5.5 12.5l4.2 4.2L18.5 8',
  cross: 'M7 7l10 10 M17 7L7 17',
  lock: 'M7 11h10a1.5 1.5 0 0 1 1.5 1.5v6A1.5 1.5 0 0 1 17 20H7a1.5 1.5 0 0 1-1.5-1.5v-6A1.5 1.5 0 0 1 7 11z M8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  refused: 'M12 3.5a8.5 8.5 0 1 0 .01 0z M6.2 6.2l11.6 11.6',
  newTab:
    'M13.5 4.5H19.5V10.5 M19.5 4.5l-8.5 8.5 M17.5 14v3.5a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2H10',
  light:
    'M12 7.5a4.5 4.5 0 1 0 .01 0z M12 2.5v1.8 M12 19.7v1.8 M2.5 12h1.8 M19.7 12h1.8 M5.3 5.3l1.3 1.3 M17.4 17.4l1.3 1.3 M18.7 5.3l-1.3 1.3 M6.6 17.4l-1.3 1.3',
  dark: 'M19.5 14.2A8 8 0 1 1 9.8 4.5a6.5 6.5 0 0 0 9.7 9.7z',
  auto: 'M12 3.5a8.5 8.5 0 1 0 .01 0z M12 3.5v17 M12 7.2a4.8 4.8 0 0 1 0 9.6 M12 10.8a1.2 1.2 0 0 1 0 2.4',
  fold: 'M8 10l4 4 4-4',
} as const;

export type IconName = keyof typeof strokes;

const SVG = 'http://www.w3.org/2000/svg';

/** An icon that says nothing to screen readers; the text beside it does. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', strokes[name]);
  svg.append(path);
  return svg;
}

/** Puts another icon in the place of the one that a parent begins with. */
export function setIcon(parent: Element, name: IconName): void {
  if (parent.getAttribute('data-icon') === name) return;
  parent.setAttribute('data-icon', name);
  parent.replaceChildren(icon(name));
}
