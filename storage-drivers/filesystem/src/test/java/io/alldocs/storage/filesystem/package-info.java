/** Tests of the filesystem driver, in its package because the format's parts are package-private. */
@NullMarked
package io.alldocs.storage.filesystem;

import org.jspecify.annotations.NullMarked;
