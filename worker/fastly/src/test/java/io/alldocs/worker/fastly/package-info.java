/** Tests of the runtime with a server that implements Fastly's API. */
@NullMarked
package io.alldocs.worker.fastly;

import org.jspecify.annotations.NullMarked;
