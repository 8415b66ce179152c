/**
 * Parts of the HTTP server of a worker that know nothing of the worker. It is not part of the API: other modules must
 * not use this package. Start with {@link io.alldocs.worker.internal.server.RequestReader}.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.internal.server;

import org.jspecify.annotations.NullMarked;
