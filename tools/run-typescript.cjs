const path = require('node:path');
const { pathToFileURL } = require('node:url');

// The program finds its arguments where it would if Node.js had been told to run it.
process.argv.splice(1, 1);
const program = path.resolve(process.argv[1]);
process.argv[1] = program;
// As `node --import tsx`.
import('tsx').then(() => import(pathToFileURL(program).href));
