// Reads one field of many packuments. Usage: node scan.cjs FOLDER COUNT FIELD PROCESSES
'use strict';
const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');

const [folder, count, field, processes] = process.argv.slice(2);

const fieldOf = field === 'latest'
  ? packument => packument['dist-tags'] && packument['dist-tags'].latest
  : packument => packument.time && packument.time[packument['dist-tags'].latest];

function scan(total) {
  const files = fs.readdirSync(folder).filter(name => name.endsWith('.json.gz'));
  let found = 0;
  for (let i = 0; i < total; i++) {
    const bytes = fs.readFileSync(path.join(folder, files[i % files.length]));
    const packument = JSON.parse(zlib.gunzipSync(bytes));
    if (fieldOf(packument) !== undefined) {
      found++;
    }
  }
  return found;
}

function finished(found, start) {
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(JSON.stringify({ kind: 'scan', packuments: Number(count), found, seconds }));
}

const start = process.hrtime.bigint();
if (process.send) {
  process.send(scan(Number(count)));
  process.disconnect();
} else if (processes === '1') {
  finished(scan(Number(count)), start);
} else {
  let found = 0;
  let running = Number(processes);
  for (let i = 0; i < Number(processes); i++) {
    const share = Math.floor((Number(count) + i) / Number(processes));
    const child = fork(__filename, [folder, String(share), field, '1']);
    child.on('message', some => { found += some; });
    child.on('exit', code => {
      if (code !== 0) {
        process.exitCode = 1;
      }
      if (--running === 0) {
        finished(found, start);
      }
    });
  }
}
