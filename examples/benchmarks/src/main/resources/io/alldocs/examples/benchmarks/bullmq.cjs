// Adds jobs without any work to a queue of BullMQ, then lets a worker process them.
// Prints the same lines as the command `queue-run`. Usage: node bullmq.cjs HOST PORT JOBS CONCURRENCY
'use strict'
const { Queue, Worker } = require('bullmq')
const Redis = require('ioredis')

const [host, port, count, concurrency] = process.argv.slice(2)
const connection = { host, port: Number(port), maxRetriesPerRequest: null }
const QUEUE = 'bullmq-benchmark'
const BULK = 1000

function tell (kind, items, start) {
  console.log(JSON.stringify({ kind, items, seconds: Number(process.hrtime.bigint() - start) / 1e9 }))
}

async function usedMemory () {
  const redis = new Redis(connection)
  const info = await redis.info('memory')
  redis.disconnect()
  return Number(/^used_memory:(\d+)/m.exec(info)[1])
}

async function add (queue) {
  const jobs = Array.from({ length: Number(count) }, (_, i) => ({
    name: 'no-op',
    data: { name: `package-${i}` },
    opts: {
      jobId: `item-${i}`,
      attempts: 3,
      backoff: { type: 'exponential', delay: 2000 },
      removeOnComplete: true
    }
  }))
  const before = await usedMemory()
  const start = process.hrtime.bigint()
  let added = 0
  for (let from = 0; from < jobs.length; from += BULK) {
    added += (await queue.addBulk(jobs.slice(from, from + BULK))).length
  }
  tell('add', added, start)
  console.log(JSON.stringify({ kind: 'memory', bytes: await usedMemory() - before }))
}

async function work () {
  const start = process.hrtime.bigint()
  let done = 0
  let worker
  await new Promise((resolve, reject) => {
    worker = new Worker(QUEUE, async () => {}, { connection, concurrency: Number(concurrency) })
    worker.on('completed', () => {
      if (++done === Number(count)) resolve()
    })
    worker.on('failed', (job, error) => reject(error))
    worker.on('error', reject)
  })
  tell('process', done, start)
  await worker.close()
}

async function main () {
  const queue = new Queue(QUEUE, { connection })
  await queue.obliterate({ force: true })
  await add(queue)
  await work()
  await queue.close()
}

main().then(() => process.exit(0), error => {
  console.error(error)
  process.exit(1)
})
