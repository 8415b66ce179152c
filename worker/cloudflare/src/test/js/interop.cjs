// Runs queue.js in Cloudflare's workerd until standard input ends. Usage: node interop.cjs QUEUE_JS FOLDER [TOKEN]
// Prints its address as a line of JSON. The folder stores the data of the Durable Objects, and the next run reads it.
'use strict'
const fs = require('fs')
const path = require('path')
const { Miniflare } = require('miniflare')

const [script, folder, token] = process.argv.slice(2)

function source (name, file) {
  return { type: 'ESModule', path: path.join(folder, name), contents: fs.readFileSync(file) }
}

async function main () {
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    modulesRoot: folder,
    modules: [source('worker.mjs', path.join(__dirname, 'worker.mjs')), source('queue.js', script)],
    compatibilityDate: '2025-10-01',
    durableObjects: { QUEUES: { className: 'Queue', useSQLite: true } },
    durableObjectsPersist: path.join(folder, 'objects'),
    bindings: token ? { QUEUE_TOKEN: token } : {}
  })
  console.log(JSON.stringify({ worker: (await miniflare.ready).href }))
  process.stdin.resume().on('end', () => miniflare.dispose())
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
