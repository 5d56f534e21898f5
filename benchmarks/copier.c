/* The least that a compile can cost the file system: read N files, make folders, write M files by temporary file and
 * rename. Nothing is parsed. Usage: copier LIST < /dev/null, where each line of LIST is one of
 *   R PATH         read the whole file
 *   D PATH         make the folder
 *   W BYTES PATH   write so many bytes */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[1 << 20];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void read_whole(const char *path) {
    int file = open(path, O_RDONLY);
    if (file < 0) fail(path);
    while (read(file, buffer, sizeof buffer) > 0) {}
    close(file);
}

static void write_whole(const char *path, size_t bytes) {
    char unfinished[4096];
    snprintf(unfinished, sizeof unfinished, "%s.tmp", path);
    int file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0 || write(file, buffer, bytes) != (ssize_t)bytes) fail(unfinished);
    close(file);
    if (rename(unfinished, path) != 0) fail(path);
}

int main(int count, char **arguments) {
    char line[4096];
    FILE *list = count == 2 ? fopen(arguments[1], "r") : NULL;
    if (list == NULL) fail("list");
    while (fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *path = line + 2;
        if (line[0] == 'R') read_whole(path);
        if (line[0] == 'D' && mkdir(path, 0777) != 0) fail(path);
        if (line[0] == 'W') {
            size_t bytes = strtoul(path, &path, 10);
            if (bytes > sizeof buffer) fail("too large");
            write_whole(path + 1, bytes);
        }
    }
    return 0;
}
