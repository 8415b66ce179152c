@NullMarked
package io.alldocs.cli.worker;

import org.jspecify.annotations.NullMarked;
