/** Runs the contract against the local queue. */
@NullMarked
package io.alldocs.worker.contract;

import org.jspecify.annotations.NullMarked;
