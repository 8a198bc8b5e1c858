/** What operators do to rooms and members, and what they see. */
export { Operator } from './operator.ts';
export { banView, denialView, OperatorLists, revocationView } from './views.ts';
