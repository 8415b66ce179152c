package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextLinesTest {
    private static final List<Charset> ENCODINGS =
            List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE);

    @TempDir
    private static Path folder;

    private static Path written;

    @BeforeContainer
    static void makeFile() throws IOException {
        written = Files.createTempFile("lines", ".txt");
    }

    @AfterContainer
    static void deleteFile() throws IOException {
        Files.delete(written);
    }

    @Property(tries = 300)
    void next_anyLinesInAnyEncodingWithAnyEnds_areTheSame(
            @ForAll @Size(min = 1, max = 20) List<String> any, @ForAll @Size(min = 20, max = 20) List<Integer> choices)
            throws IOException {
        List<String> lines = any.stream()
                .map(text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
                        .replaceAll("[\r\n\uFEFF\0]", "x"))
                .toList();
        for (Charset encoding : ENCODINGS) {
            StringBuilder text = new StringBuilder("\uFEFF");
            for (int i = 0; i < lines.size(); i++) {
                text.append(lines.get(i)).append(List.of("\n", "\r\n", "\r").get(Math.floorMod(choices.get(i), 3)));
                if (text.charAt(text.length() - 1) == '\r'
                        && i + 1 < lines.size()
                        && lines.get(i + 1).isEmpty()) {
                    text.append('\n'); // otherwise the end of the empty line would complete it
                }
            }
            Files.writeString(written, text, encoding);

            assertThat(read(written)).as(encoding.name()).isEqualTo(lines);
        }
    }

    @Test
    void next_lastLineWithoutEnd_isALine() throws IOException {
        assertThat(read(file("a\nb".getBytes(StandardCharsets.UTF_8)))).containsExactly("a", "b");
        assertThat(read(file("a\r".getBytes(StandardCharsets.UTF_8)))).containsExactly("a");
        assertThat(read(file(new byte[0]))).isEmpty();
        assertThat(read(file(new byte[] {'a'}))).containsExactly("a");
    }

    @Test
    void next_joinedFiles_dropsTheMarksOfAll() throws IOException {
        assertThat(read(file("\uFEFFa\r\n\uFEFFb\r\n".getBytes(StandardCharsets.UTF_8))))
                .containsExactly("a", "b");
    }

    @Test
    void next_linesThatCannotBeDecoded_areNamedAndPassed() throws IOException {
        byte[] bytes = {'a', '\n', (byte) 0xC3, '\n', 'b', '\n'};
        try (TextLines lines = TextLines.open(file(bytes))) {
            assertThat(lines.next()).contains("a");
            assertThatThrownBy(lines::next)
                    .isInstanceOfSatisfying(
                            TextLines.LineException.class,
                            e -> assertThat(e.line()).isEqualTo(2))
                    .hasMessage("line 2: it is not UTF-8.");
            assertThat(lines.next()).contains("b");
            assertThat(lines.number()).isEqualTo(3);
        }
    }

    @Test
    void next_halfACharacterOfUtf16_isNotDecoded() throws IOException {
        byte[] bytes = {(byte) 0xFF, (byte) 0xFE, 'a', 0, '\n', 0, 'b'};
        try (TextLines lines = TextLines.open(file(bytes))) {
            assertThat(lines.next()).contains("a");
            assertThatThrownBy(lines::next).hasMessage("line 2: it is not UTF-16LE.");
            assertThat(lines.next()).isEmpty();
        }
    }

    @Test
    void next_lineOfTenMegabytes_isNotKept() throws IOException {
        try (TextLines lines =
                TextLines.open(file(("x".repeat(10_000_000) + "\ny").getBytes(StandardCharsets.UTF_8)))) {
            assertThatThrownBy(lines::next).hasMessage("line 1: it has more than 65536 bytes.");
            assertThat(lines.next()).contains("y");
        }
    }

    @Test
    void nextItem_blankLinesAndComments_arePassed() throws IOException {
        try (TextLines lines =
                TextLines.open(file("\uFEFF# x\r\n\r\n  a b \t\r\n #c".getBytes(StandardCharsets.UTF_8)))) {
            assertThat(lines.nextItem()).contains("a b");
            assertThat(lines.number()).isEqualTo(3);
            assertThat(lines.nextItem()).isEmpty();
        }
    }

    @Test
    void nextItem_blanksThatJavaScriptTrims_areDropped() throws IOException {
        String text = "\u00A0a\u00A0 \n\u3000b\uFEFF\r\n\u2003\u202F\n\u00A0# c\n\u000Bd\u2028\n";
        try (TextLines lines = TextLines.open(file(text.getBytes(StandardCharsets.UTF_8)))) {
            assertThat(lines.nextItem()).contains("a");
            assertThat(lines.nextItem()).contains("b");
            assertThat(lines.nextItem()).contains("d");
            assertThat(lines.nextItem()).isEmpty();
        }
    }

    @Test
    void next_utf16WithoutMark_isNoText() throws IOException {
        for (Charset encoding : ENCODINGS.subList(1, 3)) {
            try (TextLines lines = TextLines.open(file("a\nb\n".getBytes(encoding)))) {
                assertThatThrownBy(lines::next).hasMessageStartingWith("line 1: it has a NUL character.");
            }
        }
        try (TextLines lines = TextLines.open(file("\uFEFFa\n".getBytes(Charset.forName("UTF-32LE"))))) {
            assertThatThrownBy(lines::next).isInstanceOf(TextLines.LineException.class);
        }
    }

    @Test
    void readAll_fileOfWindows_hasLineFeedsAndNoMark() throws IOException {
        for (Charset encoding : ENCODINGS) {
            Path file = file("\uFEFFregistry=x\r\n\r\n//y/:_authToken=z".getBytes(encoding));
            assertThat(TextLines.readAll(file)).isEqualTo("registry=x\n\n//y/:_authToken=z\n");
        }
    }

    private static Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("lines.txt"), bytes);
    }

    private static List<String> read(Path file) throws IOException {
        List<String> read = new ArrayList<>();
        try (TextLines lines = TextLines.open(file)) {
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                read.add(line.get());
            }
        }
        return read;
    }
}
