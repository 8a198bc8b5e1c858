/** What operators do to rooms and members, and what they see. */
export { Operator } from './operator.ts';
export { recordFilter } from './rules.ts';
export { listUsage } from './usage-list.ts';
export { banView, denialView, OperatorLists, revocationView } from './views.ts';
