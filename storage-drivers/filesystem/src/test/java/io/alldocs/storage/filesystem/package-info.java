/** Tests of the filesystem driver, in its package because the parts of the format are package-private. */
@NullMarked
package io.alldocs.storage.filesystem;

import org.jspecify.annotations.NullMarked;
