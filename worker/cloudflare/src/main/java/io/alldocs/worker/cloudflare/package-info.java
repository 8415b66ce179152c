/** Workers fed from a Durable Object of Cloudflare's, with Workers KV as their store. */
@NullMarked
package io.alldocs.worker.cloudflare;

import org.jspecify.annotations.NullMarked;
