// Adds one request to the unchanged queue.js: POST /test/clear empties a queue.
import worker, { Queue as DeployedQueue } from './queue.js'

export class Queue extends DeployedQueue {
  clear () {
    this.sql.exec('DELETE FROM items; DELETE FROM answers; UPDATE limits SET opened = 0, starts = 0, paused = 0')
  }
}

export default {
  async fetch (request, env) {
    const url = new URL(request.url)
    if (url.pathname !== '/test/clear') {
      return worker.fetch(request, env)
    }
    await env.QUEUES.get(env.QUEUES.idFromName(url.searchParams.get('queue'))).clear()
    return new Response(null, { status: 204 })
  }
}
