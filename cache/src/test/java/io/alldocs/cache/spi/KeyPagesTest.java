package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyPagesTest {
    private int asked;

    private Supplier<@Nullable Collection<String>> pages(List<List<String>> pages) {
        Iterator<List<String>> each = pages.iterator();
        return () -> {
            asked++;
            return each.hasNext() ? each.next() : null;
        };
    }

    @Test
    void stream_pagesSomeOfThemEmpty_returnsAllKeysLazily() {
        List<List<String>> pages = List.of(List.of(), List.of("a", "b"), List.of(), List.of("c"), List.of());
        assertThat(KeyPages.stream(pages(pages), true)).containsExactly("a", "b", "c");
        assertThat(asked).isEqualTo(6);
        asked = 0;
        assertThat(KeyPages.stream(pages(pages), false).limit(2)).containsExactly("a", "b");
        assertThat(asked).isEqualTo(2);
        assertThat(KeyPages.stream(pages(List.of()), true)).isEmpty();
    }

    @Test
    void iterator_atTheEnd_requestsNoFurtherPage() {
        Iterator<String> keys =
                KeyPages.stream(pages(List.of(List.of("a"))), true).iterator();
        assertThat(keys.next()).isEqualTo("a");
        for (int i = 0; i < 3; i++) {
            assertThat(keys.hasNext()).isFalse();
            assertThatThrownBy(keys::next).isInstanceOf(NoSuchElementException.class);
        }
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void stream_pageThatFails_throws() {
        assertThatThrownBy(() -> KeyPages.stream(
                                () -> {
                                    throw new StorageException("planned", true, null);
                                },
                                true)
                        .toList())
                .isInstanceOf(StorageException.class);
    }
}
