/** Tests of the SQLite storage driver. */
@NullMarked
package io.alldocs.storage.sqlite;

import org.jspecify.annotations.NullMarked;
