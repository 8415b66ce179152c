package io.alldocs.cache.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
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

    /**
     * A page of a store's names, in KeyOrder.UTF8.
     *
     * @param more whether another page may follow
     */
    public record NamePage(List<String> names, boolean more) {}

    /** Requests pages of names from a store that lists them in KeyOrder.UTF8. */
    public interface NamePages {

        /**
         * Returns the next page. Names up to {@code after} may be in it.
         *
         * @param stem beginning of all names to list
         * @param after last name of the previous page, or any text to start after; null for the first page
         */
        NamePage next(String stem, @Nullable String after);
    }

    /**
     * Returns the keys that begin with {@code prefix} and follow {@code startAfter} as a lazy stream. Each page starts
     * after the last name of the previous one, so any amount of time may pass between pages. Names that no driver
     * creates are skipped.
     *
     * @param startAfter null for all keys
     * @param names maps keys to names that sort like their keys
     * @throws IllegalArgumentException if {@code prefix} or {@code startAfter} is not valid Unicode
     */
    public static Stream<String> ordered(KeyNames names, String prefix, @Nullable String startAfter, NamePages pages) {
        return stream(new NameWalk(names, prefix, startAfter, pages), true);
    }

    private static final class NameWalk implements Supplier<@Nullable Collection<String>> {
        private final KeyNames names;
        private final NamePages pages;
        private final String stem;
        private @Nullable String last;
        private boolean more;

        NameWalk(KeyNames names, String prefix, @Nullable String startAfter, NamePages pages) {
            this.names = names;
            this.pages = pages;
            this.stem = names.stem(prefix);
            this.more = names.fits(stem);
            if (startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0) {
                this.last = names.unchecked(startAfter);
            }
        }

        @Override
        public @Nullable Collection<String> get() {
            if (!more) {
                return null;
            }
            String after = last;
            NamePage page = pages.next(stem, after);
            List<String> keys = new ArrayList<>(page.names().size());
            for (String name : page.names()) {
                last = name;
                if (after == null || KeyOrder.UTF8.compare(name, after) > 0) {
                    names.key(name).ifPresent(keys::add);
                }
            }
            more = page.more();
            return keys;
        }
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
