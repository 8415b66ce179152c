// Runs queue.js in Cloudflare's workerd until standard input ends: node interop.cjs QUEUE_JS TOKEN. Prints its address as a line of JSON. The objects' data
// lie in a folder that is deleted in the end.
'use strict'
const fs = require('fs')
const os = require('os')
const path = require('path')
const { Miniflare } = require('miniflare')

const [script, token] = process.argv.slice(2)

async function main () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'all-docs-queue-'))
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    modulesRoot: folder,
    modules: [
      { type: 'ESModule', path: path.join(folder, 'worker.mjs'), contents: fs.readFileSync(path.join(__dirname, 'worker.mjs')) },
      { type: 'ESModule', path: path.join(folder, 'queue.js'), contents: fs.readFileSync(script) }
    ],
    compatibilityDate: '2025-10-01',
    durableObjects: { QUEUES: { className: 'Queue', useSQLite: true } },
    durableObjectsPersist: path.join(folder, 'objects'),
    bindings: { QUEUE_TOKEN: token }
  })
  console.log(JSON.stringify({ worker: (await miniflare.ready).href }))
  process.stdin.resume().on('end', async () => {
    await miniflare.dispose()
    fs.rmSync(folder, { recursive: true })
  })
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
