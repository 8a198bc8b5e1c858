/** What every store must do, to be run in the tests of each. */
export { applicationStoreContract } from './application-store-contract.ts';
export { journalContract } from './journal-contract.ts';
export { restrictionStoreContract } from './restriction-store-contract.ts';
export { usageStoreContract } from './usage/usage-store-contract.ts';
