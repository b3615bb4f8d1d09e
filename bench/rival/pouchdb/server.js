// server.js FOLDER: a database that speaks CouchDB's protocol, kept by LevelDB.
// It prints where it answers.
'use strict';
const express = require('express');
const PouchDB = require('pouchdb-core')
  .plugin(require('pouchdb-adapter-leveldb'))
  .plugin(require('pouchdb-replication'));
const folder = process.argv[2];
const Stored = PouchDB.defaults({ adapter: 'leveldb', prefix: folder + '/' });
const app = express();
app.use('/', require('express-pouchdb')(Stored, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: folder + '/server.log' }));
const listening = app.listen(0, '127.0.0.1', () => {
  console.log('http://127.0.0.1:' + listening.address().port + '/bench');
});
