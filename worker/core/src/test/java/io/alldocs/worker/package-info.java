/** Tests of workers: real registries, servers and processes. */
@NullMarked
package io.alldocs.worker;

import org.jspecify.annotations.NullMarked;
