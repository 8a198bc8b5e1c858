import { RtcError } from '../errors/rtc-error.ts';
import type { View } from './options.ts';

/**
 * The elements that a view names.
 *
 * @throws {RtcError} `elementMissing` for an id that is not on the page, `notAnElement` for anything else
 */
export function elementsOf(view: View | undefined, document: Document | undefined): HTMLElement[] {
  if (view === null || view === undefined) return [];
  const views = Array.isArray(view) ? view : [view];
  return views.map((each) => {
    const element = typeof each === 'string' ? document?.getElementById(each) : each;
    if (element === null || element === undefined) {
      throw new RtcError('elementMissing', `The page has no element with the id ${JSON.stringify(each)}.`);
    }
    if (element.nodeType !== 1)
      throw new RtcError('notAnElement', 'A view must be an HTML element or its id.');
    return element;
  });
}
