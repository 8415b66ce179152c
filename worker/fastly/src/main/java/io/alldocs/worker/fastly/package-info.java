/** Workers with Fastly's KV Store as their store. */
@NullMarked
package io.alldocs.worker.fastly;

import org.jspecify.annotations.NullMarked;
