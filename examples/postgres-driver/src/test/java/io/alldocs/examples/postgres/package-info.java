/** Tests of the PostgreSQL storage driver. */
@NullMarked
package io.alldocs.examples.postgres;

import org.jspecify.annotations.NullMarked;
