// pull.js URL FOLDER: replicates a database into a local one and says how many
// documents were written and are there.
'use strict';
const PouchDB = require('pouchdb-core')
  .plugin(require('pouchdb-adapter-http'))
  .plugin(require('pouchdb-adapter-leveldb'))
  .plugin(require('pouchdb-replication'));

async function pull(url, folder) {
  const local = new PouchDB(folder, { adapter: 'leveldb' });
  const result = await local.replicate.from(url, { batch_size: 1000, batches_limit: 10 });
  const info = await local.info();
  console.log(JSON.stringify({ written: result.docs_written, total: info.doc_count }));
  await local.close();
}

pull(process.argv[2], process.argv[3]).then(() => process.exit(0), (err) => { console.error(err); process.exit(1); });
