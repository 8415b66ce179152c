package io.alldocs.cache.spi;

import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Builds key listings for stores that return their keys page by page. */
public final class KeyPages {
    private KeyPages() {}

    /**
     * Returns the keys of all pages as a lazy stream. A page is requested once the keys of the previous page are
     * consumed.
     *
     * @param next returns the next page, which may be empty, or null after the last one; the stream rethrows its
     *     exceptions
     * @param ordered whether the keys are in KeyOrder.UTF8
     */
    public static Stream<String> stream(Supplier<? extends @Nullable Collection<String>> next, boolean ordered) {
        int character = Spliterator.DISTINCT | Spliterator.NONNULL | (ordered ? Spliterator.ORDERED : 0);
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(new Walk(next), character), false);
    }

    private static final class Walk implements Iterator<String> {
        private final Supplier<? extends @Nullable Collection<String>> next;
        private Iterator<String> page = Collections.emptyIterator();
        private boolean over;

        Walk(Supplier<? extends @Nullable Collection<String>> next) {
            this.next = next;
        }

        @Override
        public boolean hasNext() {
            while (!page.hasNext() && !over) {
                Collection<String> keys = next.get();
                over = keys == null;
                page = keys == null ? Collections.emptyIterator() : keys.iterator();
            }
            return page.hasNext();
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return page.next();
        }
    }
}
