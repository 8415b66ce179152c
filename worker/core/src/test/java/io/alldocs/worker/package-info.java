/** Tests of workers, with real registries, servers and processes. */
@NullMarked
package io.alldocs.worker;

import org.jspecify.annotations.NullMarked;
