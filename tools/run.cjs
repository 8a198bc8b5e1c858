// Runs one of the programs in this folder: `node tools/run.cjs tools/start.ts --its arguments`. On a Node.js that is too old for them
// it says so in one line. This file keeps to syntax that every Node.js parses; what is newer stands in run-typescript.cjs.
var wanted = [20, 19];
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    'error: Roomkey needs Node.js ' + wanted.join('.') + ' or later; this is ' + process.versions.node + '.',
  );
  process.exit(1);
}
require('./run-typescript.cjs');
