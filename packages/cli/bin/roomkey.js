#!/usr/bin/env node
// Every Node.js since version 10 parses this, as a script or as a module.
var wanted = [20, 19];
var found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    'error: roomkey needs Node.js ' + wanted.join('.') + ' or later; this is ' + process.versions.node + '.',
  );
  process.exitCode = 1;
} else {
  import('./launch.js');
}
