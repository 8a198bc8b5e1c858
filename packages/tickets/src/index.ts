export * from './permissions/index.ts';
