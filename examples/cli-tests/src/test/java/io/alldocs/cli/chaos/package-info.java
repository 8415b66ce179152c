/** Mutated input for every client and every driver that speaks HTTP. */
@org.jspecify.annotations.NullMarked
package io.alldocs.cli.chaos;
