package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameListTest {
    @TempDir
    private Path folder;

    @Test
    void names_blankLinesAndComments_doNotCount() throws Exception {
        NameList file =
                open("express\n\n  # a comment\n@scope%2fname\r\n  Base64  \n/react".getBytes(StandardCharsets.UTF_8));

        assertThat(file.count()).isEqualTo(4);
        assertThat(read(file)).containsExactly("express", "@scope/name", "Base64", "react");
        assertThat(read(file)).hasSize(4);
    }

    @Test
    void open_standardInput_canBeReadMoreThanOnce() {
        NameList file = NameList.open("-", new ByteArrayInputStream("a\nb\n".getBytes(StandardCharsets.UTF_8)));

        assertThat(read(file)).containsExactly("a", "b");
        assertThat(read(file)).containsExactly("a", "b");
        assertThat(file.label()).isEqualTo("standard input");
    }

    @Test
    void digest_dependsOnTheNamesAlone() throws Exception {
        NameList one = open("a\nb\n".getBytes(StandardCharsets.UTF_8));
        NameList same = open("# x\n a\n/b".getBytes(StandardCharsets.UTF_8));
        NameList other = open("ab\n".getBytes(StandardCharsets.UTF_8));

        assertThat(one.digest()).isEqualTo(same.digest()).isNotEqualTo(other.digest());
    }

    @Test
    void open_badLines_areListedWithTheirNumbers() {
        byte[] text = "good\n../../etc/passwd\n\n@scope/..\n".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> open(text))
                .isInstanceOf(NameListException.class)
                .hasMessageContaining("no request was sent")
                .hasMessageContaining("line 2: ")
                .hasMessageContaining("line 4: ")
                .hasMessageNotContaining("line 1: ");
    }

    @Test
    void open_lineOfTenMegabytes_isRefusedWithoutRepeatingIt() {
        byte[] text = "x".repeat(10_000_000).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> open(text))
                .isInstanceOf(NameListException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains("line 1: ").hasSizeLessThan(1_000));
    }

    @Test
    void open_surrogatesEncodedAsUtf8_areRefused() {
        byte[] text = {'a', '\n', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '\n'};

        assertThatThrownBy(() -> open(text))
                .isInstanceOf(NameListException.class)
                .hasMessageContaining("line 2: it is not UTF-8.");
    }

    @Test
    void open_manyBadLines_listsTwenty() {
        byte[] text = "../x\n".repeat(1_000).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> open(text))
                .hasMessageContaining("line 20: ")
                .hasMessageEndingWith("and more.")
                .hasMessageNotContaining("line 21: ");
    }

    @Test
    void open_withoutNames_isRefused() {
        assertThatThrownBy(() -> open("# nothing\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(NameListException.class)
                .hasMessageContaining("no package name");
    }

    @Test
    void open_absentFile_isRefused() {
        assertThatThrownBy(() -> NameList.open(folder.resolve("absent").toString(), InputStream.nullInputStream()))
                .isInstanceOf(NameListException.class)
                .hasMessageContaining("absent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb\nd\n", "a\nb\n", "a\nb\nc\nd\n", "a\nb\n../c\n", "b\na\nc\n", ""})
    void names_ofAFileThatChanged_areRefusedBeforeTheLastOne(String later) throws Exception {
        Path file = Files.writeString(folder.resolve("names.txt"), "a\nb\nc\n");
        NameList list = NameList.open(file, "my names");
        Files.writeString(file, later);

        List<String> read = new ArrayList<>();
        assertThatThrownBy(() -> {
                    try (NameList.NameIterator names = list.names()) {
                        names.forEachRemaining(read::add);
                    }
                })
                .isInstanceOf(NameListException.class)
                .hasMessage("The names in my names changed after they were checked. Start the job again: the new"
                        + " list is a new job, and stored packuments are not downloaded again.");
        assertThat(read).hasSizeLessThanOrEqualTo(later.isEmpty() ? 0 : later.split("\n").length - 1);
    }

    @Test
    void names_ofAFileThatIsGone_areRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("names.txt"), "a\n");
        NameList list = NameList.open(file, "my names");
        Files.delete(file);

        assertThatThrownBy(list::names)
                .isInstanceOf(NameListException.class)
                .hasMessageStartingWith("Cannot read the names in my names again: ");
    }

    private NameList open(byte[] text) throws Exception {
        Path file = Files.createTempFile(folder, "names", ".txt");
        Files.write(file, text);
        return NameList.open(file.toString(), InputStream.nullInputStream());
    }

    private static List<String> read(NameList file) {
        List<String> names = new ArrayList<>();
        try (NameList.NameIterator iterator = file.names()) {
            iterator.forEachRemaining(names::add);
        }
        return names;
    }
}
