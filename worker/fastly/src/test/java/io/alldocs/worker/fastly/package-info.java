/** The runtime beside a server that speaks Fastly's API. */
@NullMarked
package io.alldocs.worker.fastly;

import org.jspecify.annotations.NullMarked;
