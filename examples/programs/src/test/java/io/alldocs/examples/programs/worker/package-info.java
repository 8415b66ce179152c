@NullMarked
package io.alldocs.examples.programs.worker;

import org.jspecify.annotations.NullMarked;
