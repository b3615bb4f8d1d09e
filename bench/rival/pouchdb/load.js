// load.js URL FILE: puts the documents of a file, one JSON object a line, into a
// database.
'use strict';
const fs = require('fs');
const readline = require('readline');
const PouchDB = require('pouchdb-core').plugin(require('pouchdb-adapter-http'));

async function load(url, file) {
  const remote = new PouchDB(url);
  let waiting = [];
  const send = async () => {
    for (const answer of await remote.bulkDocs(waiting)) {
      if (answer.error) throw new Error(JSON.stringify(answer));
    }
    waiting = [];
  };
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
    waiting.push(JSON.parse(line));
    if (waiting.length === 1000) await send();
  }
  if (waiting.length > 0) await send();
}

load(process.argv[2], process.argv[3]).then(() => process.exit(0), (err) => { console.error(err); process.exit(1); });
