/** Tests of the S3 storage driver. */
@NullMarked
package io.alldocs.storage.s3;

import org.jspecify.annotations.NullMarked;
