% X ← X + η(ΣX − X(XᵀX)) in Octave. The protocol is that of protocol.go.

1;

function X = load_binary (name, rows, cols, type)
  f = fopen (name, "r", "ieee-le");
  X = fread (f, [rows, cols], ["*" type]);
  fclose (f);
endfunction

function answer (varargin)
  printf (varargin{:});
  printf ("\n");
  fflush (stdout);
endfunction

args = argv ();
folder = args{1};
d = str2double (args{2});
type = struct ("f64", "double", "f32", "single").(args{4});
eta = cast (str2double (args{3}), type);
threads = args{5};

S = load_binary (fullfile (folder, "sigma.bin"), d, d, type); % symmetric: its order does not matter

blas = version ("-blas");
found = regexp (blas, 'OpenBLAS ([0-9.]+).* ([A-Z][A-Za-z0-9]*) MAX_THREADS', "tokens", "once");
if (! isempty (found))
  blas = strjoin ({"OpenBLAS", found{:}}, " ");
endif
answer ("variants expression grouped each");
answer ("ready Octave %s, %s, threads=%s", version (), blas, threads);

while true
  line = input ("", "s"); % fgetl waits for the line after
  [word, rest] = strtok (line);
  rest = strtrim (rest);
  switch (word)
    case "use"
      [number, variant] = strtok (rest);
      variant = strtrim (variant);
      r = str2double (number);
      X0 = load_binary (fullfile (folder, ["x0-" number ".bin"]), r, d, type).';
      X = X0;
      Y = X0;
      I = eye (r, type);
      if (strcmp (variant, "each") && r > 8)
        answer ("no this variant is for r up to 8");
      else
        answer ("ok");
      endif
    case "steps"
      n = str2double (rest);
      if (strcmp (variant, "expression"))
        start = tic ();
        for k = 1:n
          X += eta * (S * X - X * (X' * X));
        endfor
        elapsed = toc (start);
      elseif (strcmp (variant, "each"))
        start = tic ();
        for k = 1:n
          for j = 1:r
            Y(:,j) = S * X(:,j);
          endfor
          X = eta * Y + X * (I - eta * (X' * X));
        endfor
        elapsed = toc (start);
      else
        start = tic ();
        for k = 1:n
          X = eta * (S * X) + X * (I - eta * (X' * X));
        endfor
        elapsed = toc (start);
      endif
      answer ("%.9f", elapsed);
    case "reset"
      X = X0;
      answer ("ok");
    case "save"
      f = fopen (rest, "w", "ieee-le");
      fwrite (f, X.', type);
      fclose (f);
      answer ("ok");
    case "quit"
      break;
    otherwise
      answer ("error unknown command %s", word);
  endswitch
endwhile
