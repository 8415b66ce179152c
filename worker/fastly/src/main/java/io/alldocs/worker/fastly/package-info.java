/** Workers beside Fastly's network: {@link io.alldocs.worker.fastly.FastlyRuntimeProvider} is the runtime with Fastly's KV Store as its store. */
@NullMarked
package io.alldocs.worker.fastly;

import org.jspecify.annotations.NullMarked;
